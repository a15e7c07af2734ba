"""The app: pages by task. No domain logic here, only what the tables say, shown."""
