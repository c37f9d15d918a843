package main

// What the record does not hold.
const (
	streamed = `
## A million rows

1 000 000 x 2048 features in one npy file of 8.2 GB, on one thread beside other work (27 November 2026):

| what | seconds of a core | peak memory |
|---|--:|--:|
| ` + "`assay stats make x.npy --out one.npz`" + `: mean and covariance in one pass | 141 | 320 MB |
| ` + "`assay stats make x.npy --shard i/8 --out p-i.npz`" + `: an eighth of them, eight processes | 16 to 19 each | 420 to 650 MB |
| ` + "`assay stats merge p-*.npz --out m.npz`" + ` | 5 | 890 MB |
| ` + "`assay score --real x.npy --fake x.npy --n 100000 --metrics kid`" + `: the same 100 000 rows of both sides are read, no more | 55 | 6.3 GB |

one.npz and m.npz are the same bytes. FD is then ` + "`assay score --real one.npz --fake other.npz --metrics fd`" + `. The memory of the statistics does not depend on the rows; that of ` + "`--n`" + ` is what it takes in float64.
`
	building = `
The program is one static file of 57.6 MB without debug information (make build), 79 MB with it. Of its code the NATS server, SQLite, Gorgonia with its tensors, and parquet are the largest parts. By the linker's
own list of what it keeps and why, gorgonia.org/gorgonia and gorgonia.org/tensor find methods by name at run time (text/template, reflect.Type in tensor.Dtype), and Go's linker then keeps every exported method of every type that is
reachable. How much smaller the file would be without that has not been measured.
`
)
