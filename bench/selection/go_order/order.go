// Measures how Go's net package orders SRV records: its own code, not a copy.
//
//	go_order SIZE MILLISECONDS    prints the ns for each order, the median of many runs
package main

import (
	"fmt"
	"math/rand"
	"net"
	"os"
	"sort"
	"strconv"
	"time"
	_ "unsafe"
)

//go:linkname sortAndShuffle net.byPriorityWeight.sort
func sortAndShuffle(records []*net.SRV)

// As selection_sets.hpp has them.
func makeRecords(size int) []*net.SRV {
	var records []*net.SRV
	for i := 0; i < size; i++ {
		weight := 1 + rand.Intn(100)
		if i%10 == 9 {
			weight *= 10
		}
		records = append(records, &net.SRV{Target: "host" + strconv.Itoa(i) + ".example.com.", Port: 80, Weight: uint16(weight)})
	}
	return records
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	milliseconds, _ := strconv.Atoi(os.Args[2])
	received := makeRecords(size)
	records := make([]*net.SRV, size)
	times := 1 + 200_000/(size*size+20*size)
	var costs []float64
	for end := time.Now().Add(time.Duration(milliseconds) * time.Millisecond); len(costs) < 3 || time.Now().Before(end); {
		began := time.Now()
		for i := 0; i < times; i++ {
			copy(records, received)
			sortAndShuffle(records)
		}
		costs = append(costs, float64(time.Since(began).Nanoseconds())/float64(times))
	}
	sort.Float64s(costs)
	fmt.Printf("%.1f\n", costs[len(costs)/2])
}
