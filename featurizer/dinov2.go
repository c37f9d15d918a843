package featurizer

import (
	"context"

	"github.com/assay-gan/assay/imaging"
)

// dinov2Kind reads DINOv2 [oquab2024], ViT-S/14, B/14 and L/14, with or without registers [darcet2024]; the feature is the class token after the last
// norm. Images are 224 x 224, for which the positions (37 x 37 in the published files) are interpolated as the published code does: bicubic with
// a = -0.75, and a ratio of 16.1/37 for the models without registers; antialiased bicubic with a ratio of 16/37 for those with. Hugging Face's code
// drops the 0.1, which moves features by about a thousandth.
func dinov2Kind() vitKind {
	hf := vitNames{
		embed: "embeddings.patch_embeddings.projection", class: "embeddings.cls_token", place: "embeddings.position_embeddings", registers: "embeddings.register_tokens",
		norm: "layernorm", norm1: "encoder.layer.%d.norm1", norm2: "encoder.layer.%d.norm2",
		qkv: []string{"encoder.layer.%d.attention.attention.query", "encoder.layer.%d.attention.attention.key", "encoder.layer.%d.attention.attention.value"},
		out: "encoder.layer.%d.attention.output.dense", up: "encoder.layer.%d.mlp.fc1", down: "encoder.layer.%d.mlp.fc2",
		scale1: "encoder.layer.%d.layer_scale1.lambda1", scale2: "encoder.layer.%d.layer_scale2.lambda1",
	}
	files := []vitNames{{
		embed: "patch_embed.proj", class: "cls_token", place: "pos_embed", registers: "register_tokens",
		norm: "norm", norm1: "blocks.%d.norm1", norm2: "blocks.%d.norm2", qkv: []string{"blocks.%d.attn.qkv"}, out: "blocks.%d.attn.proj", up: "blocks.%d.mlp.fc1", down: "blocks.%d.mlp.fc2",
		scale1: "blocks.%d.ls1.gamma", scale2: "blocks.%d.ls2.gamma",
	}}
	for _, prefix := range []string{"", "dinov2.", "dinov2_with_registers."} {
		hf.prefix = prefix
		files = append(files, hf)
	}
	return vitKind{family: "dinov2", eps: 1e-6, side: 224, preps: dinov2Preps, files: files,
		published: "DINOv2 ViT-S, B or L/14 as safetensors of Hugging Face (facebook/dinov2-base) or .pth by the original names"}
}

// dinov2Preps: meta is the evaluation transform published with the models, dgm that of dgm-eval [stein2023], edm2 the default of EDM2's evaluation [karras2024], which
// keeps what the resize overshoots.
func dinov2Preps(side int) []imagePrep {
	return square(side, []imagePrep{
		{name: "dgm", title: "Pillow bicubic on bytes to 224 x 224 without keeping the proportion, ImageNet normalisation", resampler: imaging.PillowBicubic, mean: imagenetMean, std: imagenetStd},
		{name: "meta", title: "Pillow bicubic on bytes to a shorter side of 256, centre crop, ImageNet normalisation", resampler: imaging.PillowBicubic, short: 256, mean: imagenetMean, std: imagenetStd},
		{name: "edm2", title: "PyTorch bicubic with antialiasing to 224 x 224 on floats, not clipped, without keeping the proportion, ImageNet normalisation", resampler: imaging.TorchBicubicAA, open: true, mean: imagenetMean, std: imagenetStd},
		{name: "torch-fidelity", title: "TensorFlow 1 bilinear to 224 x 224, ImageNet normalisation on the scale of bytes", resampler: imaging.TF1Bilinear, mean: imagenetMean, std: imagenetStd, scaled: true},
	})
}

func dinov2Maker() Maker {
	return Maker{
		Name: "dinov2", Usage: "dinov2(architecture,preparation)", Title: "DINOv2's class token (ViT-S, B, L/14, with or without registers), read from the file; preparation dgm, meta, edm2 or torch-fidelity",
		Needs: "Weights: " + dinov2Kind().published, Paper: "oquab2024",
		Open: func(_ context.Context, s Spec, env Env) (Featurizer, error) { return dinov2Kind().open(s, env) },
	}
}
