"""Field actions: recall, correction, withdrawal, advisory notice, and the mock recall.

What one reaches, who was told and how, what they answered, what came back, what became of it, and
what the authorities were sent. The process `recall` writes here; see README.md beside this file.
"""
