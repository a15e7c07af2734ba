"""Entry of the app: ``streamlit run app.py [-- REGION_FOLDER]``."""

from coverage.ui.main import run

run()
