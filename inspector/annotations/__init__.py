"""People's labels of what a reconstruction lost: items, labels, queues, agreement, exchange.

`items` and `labels` are what is stored, `database.open_database` opens where it is kept (SQLite, or PostgreSQL by URL), `queues`
hands items out, `desks` shows them, `events` takes labels, `gold` what was adjudicated; `agreement`, `calibration`, `detectors`
and `exchange` read them. Nothing here knows a page. docs/annotations.md describes all of it.
"""
