"""One verb per file; the only writers of the core's tables.

Every operation: keyword-only arguments, one transaction, lock, ask the pure domain, write rows, audit line and message
together. What crosses the walls between parties is a job of the worker (`arrangements.tasks`).
"""
