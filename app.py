"""The application: guard, style, warm-up, readiness, error page around the router. `streamlit run app.py` serves it."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages._app.guard import Guard
from pages._app.router import LOGO
from pages._app.server import favicon, lifespan, logo, on_script_error, ready
from pages._app.stylesheet import SHEET, Styled, style

app = st.App(
    "pages/_app/router.py",
    lifespan=lifespan,
    routes=[Route("/api/ready", ready), Route("/favicon.png", favicon), Route(LOGO, logo), Route(SHEET, style)],
    middleware=[Middleware(Guard), Middleware(Styled)],
    on_script_error=on_script_error,
)
