"""The key broker: what decrypts DJI records of version 13 and later, asked for knowingly.

``collect`` gathers, offline, what a request needs; ``broker`` asks DJI's
server, through ``_fetch``, the only module of the program that opens a
connection; ``store`` keeps the answers for ever.  ``documents`` are the files
that pass between them, so that a computer that is never connected can be served
by one that is.
"""
