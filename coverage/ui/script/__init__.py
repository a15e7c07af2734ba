"""The script that Streamlit runs; in a folder of its own, because Streamlit looks for pages beside it."""
