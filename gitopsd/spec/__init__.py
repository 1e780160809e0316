"""What users write: YAML in, typed specs and problems with positions out; JSON Schema for editors.

What belongs here: the form of Fleet, Exposure and ServerGroup (`model`), the loader (`yaml`), what
can be wrong with a document on its own (`problems`), and reading a whole repository (`reading`).
What does not: what a spec means or may mean next to others (`rules`), what it becomes (`compiler`),
and where files come from (`adapters.git`; `reading` asks anything that offers contents by id).
"""
