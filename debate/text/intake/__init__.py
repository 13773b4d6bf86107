"""Bringing any text in: a page or a document of a word processor becomes Markdown, and what cannot come along is named.

kinds tells what a file is, apart reads it in a process of its own. There, archive and xml open it with care, docx and
odt turn it into a page, and a page goes one way whatever it was made from: tree, article, notes, building, blocks,
inline.
"""
