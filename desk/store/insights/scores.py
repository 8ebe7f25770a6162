"""How customers scored what we did for them, in a chat or when asked by mail or text, as one table."""

from __future__ import annotations

SCORES = """(
  SELECT v.case_id, 'chat' AS way, h.conversation_id, h.score, NULL::bigint AS effort,
    h.score_comment AS comment, h.scored_at
  FROM chats h JOIN conversations v ON v.id = h.conversation_id WHERE h.score IS NOT NULL
  UNION ALL
  SELECT case_id, way, NULL, score, effort, comment, scored_at FROM surveys WHERE score IS NOT NULL
)"""
"""SQL for rows `(case_id, way, conversation_id, score, effort, comment, scored_at)`; scores are 1 to 5,
efforts 1 to 7."""

ASKED = """(
  SELECT v.case_id, 'chat' AS way, h.ended_at AS asked_at, h.scored_at
  FROM chats h JOIN conversations v ON v.id = h.conversation_id
  WHERE h.ended_at IS NOT NULL AND h.joined_at IS NOT NULL
  UNION ALL
  SELECT s.case_id, s.way, s.asked_at, s.scored_at FROM surveys s LEFT JOIN outbox o ON o.id = s.outbox_id
  WHERE s.asked_at IS NOT NULL AND o.state IS DISTINCT FROM 'failed'
)"""
"""SQL for rows `(case_id, way, asked_at, scored_at)` of everybody who was asked and could have answered."""
