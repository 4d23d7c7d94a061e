"""A body's return to a survey of camera systems: declared answers, what logs show, national table.

``declared_return`` is what a person states in ``survey.toml``, ``observed_fleet`` what logs show.
``survey_return`` puts both together, with the ``contradictions`` between them; ``national_table``
combines the returns of many bodies, which ``police_bodies`` lists.
"""
