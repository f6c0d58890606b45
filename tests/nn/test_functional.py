import inspect

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3))
P, T = RNG.uniform(0.1, 0.9, (2, 4, 3))
W, B = RNG.normal(size=(2, 3)), RNG.normal(size=2)
WW = RNG.normal(size=(2, 3, 3))
LABELS = np.array([0, 2, 1, 1])
SIGNS = np.where(X > 0, 1, -1)
SETS = np.array([[0, -1, 1], [1, 2, -1], [2, 1, 0], [-1, 0, 0]])
LINE, IMAGE, VOLUME = RNG.normal(size=(2, 3, 8)), RNG.normal(size=(2, 3, 8, 6)), RNG.normal(size=(2, 3, 4, 6, 5))


def like(layer, **parameters):
    layer.double().load_state_dict(parameters, strict=False)
    return layer


PAIRS = [
    (like(nn.Linear(3, 2), weight=W, bias=B), lambda x: F.linear(x, weight=W, bias=B), (X,)),
    (like(nn.Bilinear(3, 3, 2, bias=False), weight=WW), lambda a, b: F.bilinear(a, b, WW), (X, P)),
    (nn.Flatten(0), lambda x: F.flatten(x), (X,)),
    (nn.ReLU(), lambda x: F.relu(x, inplace=True), (X,)),
    (nn.LeakyReLU(0.2), lambda x: F.leaky_relu(x, negative_slope=0.2), (X,)),
    (nn.PReLU(3, 0.2), lambda x: F.prelu(x, np.full(3, np.float32(0.2))), (X,)),
    (nn.RReLU(0.1, 0.3).eval(), lambda x: F.rrelu(x, lower=0.1, upper=0.3), (X,)),
    (nn.ReLU6(), F.relu6, (3 * X,)),
    (nn.Threshold(0.1, 20.0), lambda x: F.threshold(x, threshold=0.1, value=20.0), (X,)),
    (nn.Hardtanh(-0.5, 0.7), lambda x: F.hardtanh(x, min_val=-0.5, max_val=0.7), (X,)),
    (nn.Hardsigmoid(), F.hardsigmoid, (3 * X,)),
    (nn.Hardswish(), F.hardswish, (3 * X,)),
    (nn.Hardshrink(0.3), lambda x: F.hardshrink(x, lambd=0.3), (X,)),
    (nn.Softshrink(0.3), lambda x: F.softshrink(x, lambd=0.3), (X,)),
    (nn.CELU(0.5), lambda x: F.celu(x, alpha=0.5), (X,)),
    (nn.SELU(), F.selu, (X,)),
    (nn.ELU(0.5), lambda x: F.elu(x, alpha=0.5), (X,)),
    (nn.GELU("tanh"), lambda x: F.gelu(x, approximate="tanh"), (X,)),
    (nn.SiLU(), F.silu, (X,)),
    (nn.Mish(), F.mish, (X,)),
    (nn.GLU(0), lambda x: F.glu(x, dim=0), (X,)),
    (nn.Softsign(), F.softsign, (X,)),
    (nn.Tanhshrink(), F.tanhshrink, (X,)),
    (nn.LogSigmoid(), F.logsigmoid, (X,)),
    (nn.Softplus(2.0), lambda x: F.softplus(x, beta=2.0), (X,)),
    (nn.Sigmoid(), F.sigmoid, (X,)),
    (nn.Tanh(), F.tanh, (X,)),
    (nn.Softmax(0), lambda x: F.softmax(x, dim=0), (X,)),
    (nn.Softmin(0), lambda x: F.softmin(x, dim=0), (X,)),
    (nn.Softmax2d(), lambda x: F.softmax(x, dim=-3), (X.reshape(2, 2, 3, 1),)),
    (nn.LogSoftmax(0), lambda x: F.log_softmax(x, dim=0), (X,)),
    (nn.Hardmax(0), lambda x: F.hardmax(x, dim=0), (X,)),
    (nn.BatchNorm1d(3, dtype="float64"), lambda x: F.batch_norm(x, None, None, training=True), (X,)),
    (nn.BatchNorm2d(3, dtype="float64"), lambda x: F.batch_norm(x, None, None, training=True), (IMAGE,)),
    (nn.BatchNorm3d(3, dtype="float64"), lambda x: F.batch_norm(x, None, None, training=True), (VOLUME,)),
    (nn.InstanceNorm1d(3, eps=0.1), lambda x: F.instance_norm(x, eps=0.1), (LINE,)),
    (nn.InstanceNorm2d(3), F.instance_norm, (IMAGE,)),
    (nn.InstanceNorm3d(3), F.instance_norm, (VOLUME,)),
    (nn.GroupNorm(3, 3, affine=False), lambda x: F.group_norm(x, num_groups=3), (IMAGE,)),
    (nn.LayerNorm(3, 0.1, dtype="float64"), lambda x: F.layer_norm(x, (3,), eps=0.1), (X,)),
    (nn.RMSNorm(3, dtype="float64"), lambda x: F.rms_norm(x, (3,)), (X,)),
    (nn.Embedding(3, 3, _weight=X[:3], dtype="float64"), lambda i: F.embedding(i, X[:3]), (LABELS,)),
    (nn.EmbeddingBag(3, 3, _weight=X[:3], dtype="float64"), lambda i: F.embedding_bag(i, X[:3]), (LABELS[None],)),
    (nn.Dropout(0.5).eval(), lambda x: F.dropout(x, training=False), (X,)),
    (nn.PixelShuffle(2), lambda x: F.pixel_shuffle(x, upscale_factor=2), (IMAGE[:, :2].reshape(2, 4, 4, 6),)),
    (nn.PixelUnshuffle(2), lambda x: F.pixel_unshuffle(x, downscale_factor=2), (IMAGE,)),
    (nn.ChannelShuffle(3), lambda x: F.channel_shuffle(x, groups=3), (IMAGE,)),
    (nn.Upsample(scale_factor=2.0), lambda x: F.interpolate(x, scale_factor=2.0), (IMAGE,)),
    (nn.UpsamplingNearest2d(9), lambda x: F.interpolate(x, 9), (IMAGE,)),
    (nn.UpsamplingBilinear2d(9), lambda x: F.interpolate(x, 9, None, "bilinear", True), (IMAGE,)),
    (nn.LocalResponseNorm(2), lambda x: F.local_response_norm(x, size=2), (IMAGE,)),
    (nn.CosineSimilarity(), lambda a, b: F.cosine_similarity(a, b, dim=1), (P, T)),
    (nn.PairwiseDistance(1), lambda a, b: F.pairwise_distance(a, b, p=1), (P, T)),
    (nn.Dropout1d(1.0), lambda x: F.dropout1d(x, p=1.0), (LINE,)),
    (nn.Dropout2d(1.0), lambda x: F.dropout2d(x, p=1.0), (IMAGE,)),
    (nn.Dropout3d(1.0), lambda x: F.dropout3d(x, p=1.0), (VOLUME,)),
    (nn.AlphaDropout(1.0), lambda x: F.alpha_dropout(x, p=1.0, training=True), (X,)),
    (nn.FeatureAlphaDropout(1.0), lambda x: F.feature_alpha_dropout(x, p=1.0, training=True), (X,)),
    (nn.MaxPool1d(2, 1), lambda x: F.max_pool1d(x, kernel_size=2, stride=1), (LINE,)),
    (nn.MaxPool2d(2, 1, ceil_mode=True), lambda x: F.max_pool2d(x, 2, 1, ceil_mode=True), (IMAGE,)),
    (nn.MaxPool3d(2, padding=1), lambda x: F.max_pool3d(x, 2, padding=1), (VOLUME,)),
    (nn.AvgPool1d(2, 1), lambda x: F.avg_pool1d(x, kernel_size=2, stride=1), (LINE,)),
    (nn.AvgPool2d(2, divisor_override=3), lambda x: F.avg_pool2d(x, 2, divisor_override=3), (IMAGE,)),
    (nn.AvgPool3d(2, 2, 1, False, False), lambda x: F.avg_pool3d(x, 2, 2, 1, False, False), (VOLUME,)),
    (nn.LPPool1d(2, 2, 1), lambda x: F.lp_pool1d(x, norm_type=2, kernel_size=2, stride=1), (LINE,)),
    (nn.LPPool2d(2, (2, 3)), lambda x: F.lp_pool2d(x, 2, (2, 3)), (IMAGE,)),
    (nn.LPPool3d(4, 2), lambda x: F.lp_pool3d(x, 4, 2), (VOLUME,)),
    (nn.AdaptiveAvgPool1d(3), lambda x: F.adaptive_avg_pool1d(x, output_size=3), (LINE,)),
    (nn.AdaptiveAvgPool2d((3, None)), lambda x: F.adaptive_avg_pool2d(x, (3, None)), (IMAGE,)),
    (nn.AdaptiveAvgPool3d(2), lambda x: F.adaptive_avg_pool3d(x, 2), (VOLUME,)),
    (nn.AdaptiveMaxPool1d(3), lambda x: F.adaptive_max_pool1d(x, output_size=3), (LINE,)),
    (nn.AdaptiveMaxPool2d((3, None)), lambda x: F.adaptive_max_pool2d_with_indices(x, (3, None))[0], (IMAGE,)),
    (nn.AdaptiveMaxPool3d(2), lambda x: F.adaptive_max_pool3d(x, 2), (VOLUME,)),
    (nn.MaxUnpool1d(2), lambda x, i: F.max_unpool1d(x, i, kernel_size=2), F.max_pool1d_with_indices(LINE, 2)),
    (nn.MaxUnpool2d(2), lambda x, i: F.max_unpool2d(x, i, 2), F.max_pool2d_with_indices(IMAGE, 2)),
    (nn.MaxUnpool3d(2), lambda x, i: F.max_unpool3d(x, i, 2, 2), F.max_pool3d_with_indices(VOLUME[..., :4], 2)),
    (nn.GaussianNoise().eval(), lambda x: F.gaussian_noise(x, training=False), (X,)),
    (nn.MSELoss(), F.mse_loss, (X, T)),
    (nn.L1Loss(), F.l1_loss, (X, T)),
    (nn.BCELoss(), F.binary_cross_entropy, (P, T)),
    (nn.BCEWithLogitsLoss(), F.binary_cross_entropy_with_logits, (X, T)),
    (nn.SmoothL1Loss(beta=0.5), lambda x, t: F.smooth_l1_loss(x, t, beta=0.5), (X, T)),
    (nn.HuberLoss("sum", 0.5), lambda x, t: F.huber_loss(x, t, "sum", 0.5), (X, T)),
    (nn.SoftMarginLoss(), F.soft_margin_loss, (X, SIGNS)),
    (nn.HingeEmbeddingLoss(0.5), lambda x, t: F.hinge_embedding_loss(x, t, 0.5), (X, SIGNS)),
    (nn.MarginRankingLoss(0.5), lambda a, b, t: F.margin_ranking_loss(a, b, t, 0.5), (X, T, SIGNS)),
    (nn.MultiMarginLoss(2, 0.5), lambda x, t: F.multi_margin_loss(x, t, 2, 0.5), (X, LABELS)),
    (
        nn.MultiLabelMarginLoss(),
        F.multilabel_margin_loss,
        (X, SETS),
    ),
    (nn.MultiLabelSoftMarginLoss(), F.multilabel_soft_margin_loss, (X, T)),
    (nn.TripletMarginLoss(2.0, 1), lambda a, p, n: F.triplet_margin_loss(a, p, n, 2.0, 1), (X, T, P)),
    (nn.TripletMarginWithDistanceLoss(), F.triplet_margin_with_distance_loss, (X, T, P)),
    (nn.CosineEmbeddingLoss(0.5), lambda a, b, t: F.cosine_embedding_loss(a, b, t, 0.5), (X, T, SIGNS[:, 0])),
    (nn.KLDivLoss(reduction="batchmean"), lambda x, t: F.kl_div(x, t, reduction="batchmean"), (X, T)),
    (nn.PoissonNLLLoss(full=True), lambda x, t: F.poisson_nll_loss(x, t, full=True), (X, T * 3)),
    (nn.GaussianNLLLoss(full=True), lambda x, t, v: F.gaussian_nll_loss(x, t, v, True), (X, T, P)),
    (nn.CTCLoss(), F.ctc_loss, (np.log(P)[:, None], np.array([[1, 2]]), np.array([4]), np.array([2]))),
    (nn.NLLLoss(), F.nll_loss, (X, LABELS)),
    (nn.CrossEntropyLoss(label_smoothing=0.1), lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), (X, LABELS)),
]


def image_pairs(axes):
    """Convolutions and margins of images of so many axes."""
    x, w, b, widths = RNG.normal(size=(2, 2, *[4] * axes)), RNG.normal(size=(2, 2, *[3] * axes)), B, (1, 2) * axes
    conv, transposed = getattr(F, f"conv{axes}d"), getattr(F, f"conv_transpose{axes}d")
    yield like(getattr(nn, f"Conv{axes}d")(2, 2, 3), weight=w, bias=b), lambda x: conv(x, w, b), (x,)
    yield like(getattr(nn, f"ConvTranspose{axes}d")(2, 2, 3), weight=w, bias=b), lambda x: transposed(x, w, b), (x,)
    yield getattr(nn, f"ConstantPad{axes}d")(widths, 3.0), lambda x: F.pad(x, widths, value=3.0), (x,)
    yield getattr(nn, f"ZeroPad{axes}d")(widths), lambda x: F.pad(x, widths), (x,)
    for kind, mode in (("Reflection", "reflect"), ("Replication", "replicate"), ("Circular", "circular")):
        yield getattr(nn, f"{kind}Pad{axes}d")(widths), lambda x, mode=mode: F.pad(x, widths, mode=mode), (x,)


PAIRS += [pair for axes in (1, 2, 3) for pair in image_pairs(axes)]
PAIRS += [
    (nn.Unfold(2), lambda x: F.unfold(x, kernel_size=2), (RNG.normal(size=(1, 2, 3, 3)),)),
    (nn.Fold(3, 2), lambda x: F.fold(x, output_size=3, kernel_size=2), (RNG.normal(size=(1, 8, 4)),)),
]


@pytest.mark.parametrize(
    ("layer", "function", "inputs"), PAIRS, ids=lambda x: repr(x) if isinstance(x, nn.Module) else ""
)
def test_a_module_and_its_function_agree(layer, function, inputs):
    tensors = [tg.Tensor(x) for x in inputs]
    np.testing.assert_allclose(layer(*tensors).data, function(*tensors).data, rtol=1e-12)


@pytest.mark.parametrize(
    ("layer", "function", "inputs"), PAIRS, ids=lambda x: repr(x) if isinstance(x, nn.Module) else ""
)
def test_a_function_takes_arrays_too(layer, function, inputs):
    result = function(*inputs)
    assert isinstance(result, np.ndarray | np.generic)
    np.testing.assert_array_equal(result, function(*[tg.Tensor(x) for x in inputs]).data)


def test_every_layer_activation_and_loss_has_its_function():
    paired = {type(layer) for layer, _, _ in PAIRS}
    plain = {nn.Module, nn.Parameter, nn.Identity, nn.Unflatten}
    without = (
        "container",
        "parameter_container",
        "recurrent",
        "attention",
        "transformer",
    )  # PyTorch has no functions of these either
    classes = {
        value
        for value in vars(nn).values()
        if inspect.isclass(value) and value not in plain and value.__module__.split(".")[2] not in without
    }
    assert classes == paired


def test_one_hot_is_there():
    assert F.one_hot(tg.Tensor([1, 0]), 3).tolist() == [[0, 1, 0], [1, 0, 0]]
