"""Forward passes through what runs them: PyTorch in three ways, onnxruntime and OpenVINO on the same net exported to ONNX."""
import libraries
from libraries import torch

t = torch()


def engine(net, x, variant):
    """Returns a function that runs net on x and returns features as a numpy array. Opening, compiling and exporting are over when it returns."""
    net = net.eval()
    if variant == "channels_last":
        net, x = net.to(memory_format=t.channels_last), x.contiguous(memory_format=t.channels_last)
    if variant == "compile":
        import shutil
        if not shutil.which("g++"):
            raise ImportError("g++, for torch.compile")
        net = t.compile(net)
    if variant in ("onnxruntime", "openvino"):
        return exported(net, x, variant)

    def run():
        with t.no_grad():
            return net(x).numpy()
    run()
    return run


def exported(net, x, variant):
    import io
    try:
        import onnx  # noqa: F401, the exporter needs it
    except ImportError as e:
        raise ImportError("onnx") from e
    data = io.BytesIO()
    with t.no_grad():
        t.onnx.export(net, (x,), data, input_names=["x"], output_names=["y"], opset_version=17, dynamo=False)
    if variant == "onnxruntime":
        try:
            import onnxruntime as ort
        except ImportError as e:
            raise ImportError("onnxruntime") from e
        o = ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = libraries.THREADS, 1
        o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        s = ort.InferenceSession(data.getvalue(), o, providers=["CPUExecutionProvider"])
        feed = {"x": x.numpy()}
        return lambda: s.run(["y"], feed)[0]
    try:
        import openvino as ov
    except ImportError as e:
        raise ImportError("openvino") from e
    core = ov.Core()
    c = core.compile_model(core.read_model(data.getvalue()), "CPU", {
        "INFERENCE_NUM_THREADS": libraries.THREADS, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
    feed = x.numpy()
    return lambda: c([feed])[0]
