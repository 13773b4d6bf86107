"""Reading: one function a question, named for its answer, loading all that its page needs."""
