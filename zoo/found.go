package zoo

import "github.com/assay-gan/assay/datasets"

// The settings that most lines share. Points: two layers of 64, batches of 64, an average over about a hundred steps; the length is about 10 s of one core at 2.5 GHz
// beside other work. Images: 16 channels at the finest convolution, about 60 s.
const (
	onPoints = "steps=20000 batch=64 width=64 depth=2 ema=0.99 ema_warm=on "
	onImages = "steps=6000 batch=32 width=16 ema=0.99 ema_warm=on "
	rates    = "lr_g=0.001 lr_d=0.001 "
	glyphs   = "lr_g=0.0005 lr_d=0.0005 "
)

// found are the settings that score best on validation data at equal cost, by model and kind of data; docs/zoo/results/defaults.csv has the search.
var found = map[string]map[datasets.Kind]string{
	"gan-mm":        {datasets.Points: onPoints + rates},
	"sngan":         {datasets.Points: onPoints + rates + "loss=log d_steps=2 beta1=0.5", datasets.Images: onImages + glyphs + "loss=log d_steps=1 beta1=0.5"},
	"ebgan":         {datasets.Points: onPoints + rates + "margin=0.2", datasets.Images: onImages + glyphs + "margin=0.2"},
	"fgan":          {datasets.Points: onPoints + rates, datasets.Images: onImages + glyphs},
	"ali":           {datasets.Points: onPoints + rates, datasets.Images: onImages + glyphs},
	"infogan":       {datasets.Points: onPoints + rates + "lambda=0.1", datasets.Images: onImages + glyphs + "lambda=0.1"},
	"iwae":          {datasets.Points: onPoints + "lr=0.002 latent=4", datasets.Images: onImages},
	"r3gan":         {datasets.Images: onImages + glyphs + "gamma=10"},
	"veegan":        {datasets.Points: onPoints + rates + "g_loss=log lambda=0.1", datasets.Images: onImages + glyphs + "g_loss=log lambda=0.1"},
	"unrolled":      {datasets.Points: onPoints + "steps=12000 k=2 lr_g=0.002 lr_d=0.002"},
	"two-stage-vae": {datasets.Points: onPoints + "steps=10000 latent=3 width_2=64"},
	"gan-ns":        {datasets.Points: onPoints + rates, datasets.Images: onImages + glyphs},
	"lsgan":         {datasets.Points: onPoints + "lr_g=0.002 lr_d=0.002"},
	"wgan":          {datasets.Points: onPoints + "steps=12000 batch=128 d_steps=2 clip=0.2 lr_g=0.001 lr_d=0.002"},
	"wgan-gp":       {datasets.Points: onPoints + rates + "steps=8000 batch=128 d_steps=2 beta1=0.5"},
	"dragan":        {datasets.Points: onPoints + rates + "steps=15000 lambda=0.01 c=0.1"},
	"r1":            {datasets.Points: onPoints + rates + "steps=12000 batch=128 gamma=0.01 beta1=0.5"},
	"ragan":         {datasets.Points: onPoints + rates},
	"pacgan":        {datasets.Points: onPoints + rates},
	"cgan":          {datasets.Points: onPoints + rates, datasets.Images: onImages + glyphs},
	"vae":           {datasets.Points: onPoints, datasets.Images: onImages + "lr=0.002"},
}
