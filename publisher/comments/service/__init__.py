"""The service that takes comments: an ASGI application, and the server under it."""
