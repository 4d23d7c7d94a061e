"""The work of a unit in a browser of the same computer: deliver logs, run, look, settle, hand over.

`workbench_actions` does the work, `application` answers a browser, `request_guard` decides who may
ask, and `serve_on_loopback` opens the one socket, on the loopback address.  Starlette and uvicorn
come with the extra ``serve`` and are loaded in `application`, `request_guard` and
`serve_on_loopback` alone.
"""
