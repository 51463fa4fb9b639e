"""Pages of people, studies, answers and jobs, by noun."""
