"""Writing: one verb a function. Each takes the session of a write transaction, checks again what must hold, flushes.

An action never commits and never answers a person: it raises one of the refusals below, and the view words the page.
"""
