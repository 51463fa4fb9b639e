"""What both applications use, without models: tables in, figures and tables out."""
