"""Against overfitting: penalties on weights, a bound on their length, mixtures of samples.

Elsewhere: `nn.Dropout` (``keep_prob``), `nn.GaussianNoise`, ``label_smoothing`` of `nn.CrossEntropyLoss`,
``weight_decay`` of the optimizers, `train.EarlyStopping`.
"""

from .max_norm import max_norm_
from .mixing import cutmix, mixup
from .penalties import elastic_net_penalty, l1_penalty, l2_penalty, weights

__all__ = ["cutmix", "elastic_net_penalty", "l1_penalty", "l2_penalty", "max_norm_", "mixup", "weights"]
