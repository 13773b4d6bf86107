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
    sessions,
    site,
    users,
    votes,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    essays.blueprint,
    paragraphs.blueprint,
    replies.blueprint,
    votes.blueprint,
    evidence.blueprint,
    locks.blueprint,
    moderation.blueprint,
    notices.blueprint,
    sessions.blueprint,
    display.blueprint,
    site.blueprint,
    users.blueprint,
    health.blueprint,
)
