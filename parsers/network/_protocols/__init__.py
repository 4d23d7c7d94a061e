"""Protocols inside packets and proxies: DNS, TLS, HTTP, QUIC."""
