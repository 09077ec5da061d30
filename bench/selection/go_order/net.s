// Its presence lets order.go declare a function without a body.
