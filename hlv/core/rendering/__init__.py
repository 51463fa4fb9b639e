"""Results as HTML and text: tables, Markdown, differences of texts."""
