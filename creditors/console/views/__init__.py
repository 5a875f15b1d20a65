"""The pages of the console. Thin: a form, ONE operation, a redirect; or a query, a presenter, a template."""
