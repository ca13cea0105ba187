"""Tables, migrations, reads for pages, and the transactions that change the desk."""
