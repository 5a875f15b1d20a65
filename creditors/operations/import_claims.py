"""Uploading a file with claims."""
