"""The frame of the product around an empty page: navigation over five screens, two filters, a title."""

import streamlit as st


def empty() -> None:
    st.title("Empty")
    st.selectbox("Month", ["2026-10", "2026-09"], key="month", bind="query-params")
    st.selectbox("Segment", ["All segments", "SMB", "Enterprise"], key="segment", bind="query-params")


PAGES = [st.Page(empty, title="Empty", url_path="empty", default=True)]
PAGES += [st.Page(lambda: None, title=f"Screen {place}", url_path=f"screen{place}") for place in range(4)]
st.set_page_config(layout="wide")
st.navigation({"One": PAGES[:2], "Two": PAGES[2:]}, position="top").run()
