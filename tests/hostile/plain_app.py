"""As little of an app as a simulated visitor needs: a choice that goes into the address."""

import streamlit as st

chosen = st.selectbox("search", ["a", "b"], index=None, key="search")
if chosen:
    st.query_params["desa"] = chosen
