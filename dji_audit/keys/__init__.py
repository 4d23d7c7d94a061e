"""The key broker: keys of DJI flight records of version 13 and later, requested explicitly.

``collect_key_requests`` gathers the data of a request offline. ``request_keychains`` sends the
request to DJI's server through ``_server_connection``, the only module of the program that opens a
connection. ``keychain_store`` keeps the answers permanently. ``broker_files`` defines the files
that pass between them, so that a computer without a network can be served by one with a network.
"""
