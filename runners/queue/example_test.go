package queue_test

import (
	"fmt"

	"github.com/assay-gan/assay/runners/queue"
)

// A port alone listens on the loopback interface; a URL is of a server that runs elsewhere. What is no secret's place is refused.
func ExampleParseAddress() {
	for _, text := range []string{":4222", "nats://queue.example.org", "tls://queue.example.org:5222/celeba", "nats://me:secret@queue.example.org"} {
		a, err := queue.ParseAddress(text, queue.Secrets{})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(a)
	}
	// Output:
	// nats://127.0.0.1:4222
	// nats://queue.example.org:4222
	// tls://queue.example.org:5222/celeba
	// queue nats://queue.example.org: a secret in an address is seen by every user of the machine: set ASSAY_QUEUE_TOKEN, or ASSAY_QUEUE_USER and ASSAY_QUEUE_PASSWORD, or give a file of credentials
}
