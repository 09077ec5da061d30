module go_order

go 1.19
