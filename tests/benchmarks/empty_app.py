"""The least a page can be: what Streamlit alone costs under the application's settings."""

import streamlit as st

st.title("Empty")
