"""The demonstration study: invented requests for legal help, and simulated people who label and judge."""
