"""Entry of the app: ``streamlit run app.py [-- REGION_FOLDER]``."""

import streamlit as st

from coverage.ui.server import ready, told

app = st.App("coverage/ui/script/page.py", lifespan=ready, on_script_error=told)
