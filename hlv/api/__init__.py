"""The HTTP API for programs, under /api/v1/: tokens, problems in RFC 9457, and the same policy as the pages."""
