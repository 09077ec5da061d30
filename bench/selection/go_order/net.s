// This file lets order.go declare a function without a body.
