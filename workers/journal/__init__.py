"""The journal from the command line: broker files in, exports and backups out."""
