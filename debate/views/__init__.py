"""Answering: one blueprint a concept. Each POST has six beats: find, permit, parse, do, commit, answer."""

from flask import Blueprint

from debate.views import (
    display,
    essays,
    evidence,
    health,
    home,
    locks,
    moderation,
    notices,
    paragraphs,
    replies,
    search,
    sessions,
    site,
    tree,
    users,
    visits,
    votes,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    essays.blueprint,
    tree.blueprint,
    visits.blueprint,
    paragraphs.blueprint,
    replies.blueprint,
    votes.blueprint,
    evidence.blueprint,
    locks.blueprint,
    moderation.blueprint,
    notices.blueprint,
    search.blueprint,
    sessions.blueprint,
    display.blueprint,
    site.blueprint,
    users.blueprint,
    health.blueprint,
)
