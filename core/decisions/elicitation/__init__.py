"""Elicitation: from what a person says of criteria to weights, and from many persons to a group.

In: answers, as each method asks for them, and the criteria only by their number.  Out: weights in basis points, with
the consistency of the answers where a method can tell; a group's weights, and how far its members are apart.
"""
