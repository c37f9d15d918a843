package featurizer

import (
	"context"

	"github.com/assay-gan/assay/imaging"
)

// clipKind reads the image half of OpenAI's CLIP [radford2021]: ViT-B/32, B/16, L/14 and L/14-336, whose feature is the projected class token, not
// normalised to length 1. The image side follows from the file's positions, so nothing is interpolated.
func clipKind() vitKind {
	return vitKind{
		family: "clip", eps: 1e-5, quick: true, preps: clipPreps,
		published: "a CLIP ViT as safetensors, of Hugging Face (openai/clip-vit-base-patch32) or by the original names",
		files: []vitNames{
			{
				prefix: "vision_model.", embed: "embeddings.patch_embedding", class: "embeddings.class_embedding", place: "embeddings.position_embedding.weight",
				pre: "pre_layrnorm", norm: "post_layernorm", project: "/visual_projection.weight", turned: true, // the missing letter is theirs
				norm1: "encoder.layers.%d.layer_norm1", norm2: "encoder.layers.%d.layer_norm2",
				qkv: []string{"encoder.layers.%d.self_attn.q_proj", "encoder.layers.%d.self_attn.k_proj", "encoder.layers.%d.self_attn.v_proj"},
				out: "encoder.layers.%d.self_attn.out_proj", up: "encoder.layers.%d.mlp.fc1", down: "encoder.layers.%d.mlp.fc2",
			},
			{
				prefix: "visual.", embed: "conv1", class: "class_embedding", place: "positional_embedding",
				pre: "ln_pre", norm: "ln_post", project: "proj",
				norm1: "transformer.resblocks.%d.ln_1", norm2: "transformer.resblocks.%d.ln_2",
				qkv: []string{"transformer.resblocks.%d.attn.in_proj"}, packed: true,
				out: "transformer.resblocks.%d.attn.out_proj", up: "transformer.resblocks.%d.mlp.c_fc", down: "transformer.resblocks.%d.mlp.c_proj",
			},
		},
	}
}

// clipPreps: openai is the transform published with the models, which Hugging Face and clean-fid's CLIP score share for files; torch-fidelity has its own.
func clipPreps(side int) []imagePrep {
	return square(side, []imagePrep{
		{name: "openai", title: "Pillow bicubic on bytes to a shorter side of the input's, centre crop, CLIP's normalisation", resampler: imaging.PillowBicubic, short: side, mean: clipMean, std: clipStd},
		{name: "torch-fidelity", title: "TensorFlow 1 bilinear without keeping the proportion, CLIP's normalisation on the scale of bytes", resampler: imaging.TF1Bilinear, mean: clipMean, std: clipStd, scaled: true},
	})
}

func clipMaker() Maker {
	return Maker{
		Name: "clip", Usage: "clip(architecture,preparation)", Title: "CLIP's image encoder (ViT-B/32, L/14 and their kin), read from the file; preparation openai or torch-fidelity",
		Needs: "Weights: " + clipKind().published, Paper: "radford2021",
		Open: func(_ context.Context, s Spec, env Env) (Featurizer, error) { return clipKind().open(s, env) },
	}
}
