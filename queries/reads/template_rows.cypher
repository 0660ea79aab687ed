// templates: the roles of every template, and which segments have one
// :params { most: 1000000, known_at: 1795000000000000 }
RETURN
  COLLECT { MATCH (t:TemplateRole) WHERE t.role IS NOT NULL AND t.since <= $known_at
            RETURN [t.template_id, t.role, t.weight, t.semantics, t.min_members, t.step, t.theme_en, t.theme_zh]
            ORDER BY t.template_id, t.role LIMIT $most } AS roles,
  COLLECT { MATCH (s:Segment) WHERE s.template_id IS NOT NULL AND s.since <= $known_at
            RETURN [s.id, s.filter, s.template_id]
            ORDER BY s.id LIMIT $most } AS segments
LIMIT 1
