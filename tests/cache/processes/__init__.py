"""Processes of their own, each with a cache over one server."""
