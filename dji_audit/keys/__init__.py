"""The key broker: keys of DJI flight records of version 13 and later, requested explicitly.

``collect_key_requests`` gathers the data of a request offline. ``broker`` sends the request to
DJI's server through ``_connection``, the only module of the program that opens a connection.
``store`` keeps the answers permanently. ``broker_files`` defines the files that pass between
them, so that a computer without a network can be served by one with a network.
"""
