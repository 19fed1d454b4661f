"""What tests share: packages made to order, servers on loopback, copies of images."""
