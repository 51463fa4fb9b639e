"""Small published tables, and what was printed of them or follows from them: numbers from outside, on any checkout.

Fractions are exact. Decimals longer than those in print come from programs that share nothing with ours.
"""
