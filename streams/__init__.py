"""The Kafka edge: the only room that knows Faust and aiokafka."""
