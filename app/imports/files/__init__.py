"""Reading a CSV or XLSX file as the rows a person sees in it."""
