"""Secrets in the texts of logs: which texts are secrets, and the one step that takes them out."""
