"""Attention as functions: of queries, keys and values, and with several heads."""

from .dot_product import scaled_dot_product_attention
from .heads import multi_head_attention_forward

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]
